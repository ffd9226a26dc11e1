import { access, constants, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { TestServer } from '../../support/server.ts';
import { type CommandResult, runCommand } from '../support/command.ts';

const PROVIDER_VARIABLE = 'CERTKEEP_TEST_TERRAFORM_PROVIDER';
const MAIN = fileURLToPath(new URL('main.tf', import.meta.url));

/** What main.tf is about; a private key that is left out is not configured. */
export interface Variables {
  readonly name: string;
  readonly certificate: string;
  readonly private_key?: string;
}

/** Exit codes of `terraform plan -detailed-exitcode`. */
export const NO_CHANGES = 0;
export const CHANGES = 2;

export interface Workspace {
  /** Plans, and gives the whole result: the exit code says whether there are changes. */
  plan(variables: Variables): Promise<CommandResult>;
  /** @throws where Terraform ends with another code than 0, with all that it said */
  apply(variables: Variables): Promise<void>;
  /** @throws where Terraform ends with another code than 0, with all that it said */
  destroy(variables: Variables): Promise<void>;
  /** The value of an output of main.tf, after an apply. */
  output<Value>(name: string): Promise<Value>;
}

/**
 * A directory with main.tf and a state of its own, which is removed after the test.
 *
 * @throws where the environment names no program of the provider
 */
export async function openWorkspace(server: TestServer): Promise<Workspace> {
  const provider = await providerProgram();
  const directory = await mkdtemp(join(tmpdir(), 'certkeep-terraform-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const cliConfig = await overrideProvider(directory, provider);
  await copyFile(MAIN, join(directory, 'main.tf'));
  const variablesFile = join(directory, 'terraform.tfvars.json');
  const env = {
    AUTHENTIK_URL: server.url,
    AUTHENTIK_TOKEN: server.token,
    TF_CLI_CONFIG_FILE: cliConfig,
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    // Terraform would ask its maker for newer versions.
    CHECKPOINT_DISABLE: '1',
  };
  const terraform = (...arguments_: string[]) =>
    runCommand('terraform', arguments_, { cwd: directory, env, needs: 'the terraform command' });

  return {
    async plan(variables) {
      await writeFile(variablesFile, JSON.stringify(variables));
      return await terraform('plan', '-no-color', '-detailed-exitcode');
    },
    async apply(variables) {
      await writeFile(variablesFile, JSON.stringify(variables));
      succeeded(await terraform('apply', '-no-color', '-auto-approve'));
    },
    async destroy(variables) {
      await writeFile(variablesFile, JSON.stringify(variables));
      succeeded(await terraform('destroy', '-no-color', '-auto-approve'));
    },
    async output(name) {
      return JSON.parse(succeeded(await terraform('output', '-json', name)).stdout);
    },
  };
}

async function providerProgram(): Promise<string> {
  const program = process.env[PROVIDER_VARIABLE];
  if (program === undefined || program === '') {
    throw new Error(`${PROVIDER_VARIABLE} names no program of the provider: see test/clients/README.md`);
  }
  await access(program, constants.X_OK);
  return resolve(program);
}

/** Has Terraform take this program for the provider, so that it needs neither `terraform init` nor a network. */
async function overrideProvider(directory: string, program: string): Promise<string> {
  const override = join(directory, 'provider');
  await mkdir(override);
  await symlink(program, join(override, 'terraform-provider-authentik'));
  const cliConfig = join(directory, 'terraform.rc');
  const overrides = `dev_overrides { "goauthentik/authentik" = ${JSON.stringify(override)} }`;
  await writeFile(cliConfig, `provider_installation {\n  ${overrides}\n}\n`);
  return cliConfig;
}

function succeeded(result: CommandResult): CommandResult {
  if (result.exitCode !== 0) {
    throw new Error(`terraform ended with ${result.exitCode}:\n${result.output}`);
  }
  return result;
}
