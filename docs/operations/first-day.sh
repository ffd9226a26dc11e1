#!/usr/bin/env bash
# The commands of first-day.md, which says why; made of it by "npm run docs".
set -euo pipefail
cd "$(dirname "$0")/../.."
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT

# Settings
export PATH="$PATH:/usr/sbin" # where Debian has nginx
certkeep() { node dist/cli/main.js "$@"; }
export WORK="${WORK:-$PWD/data/first-day}"
export DATABASE_URL="${DATABASE_URL:-postgresql://certkeep:PASSWORD@127.0.0.1/certkeep}"
export REHEARSAL_DATABASE_URL="${REHEARSAL_DATABASE_URL:-postgresql://certkeep:PASSWORD@127.0.0.1/certkeep_rehearsal}"
PORT_A="${PORT_A:-9001}" METRICS_A="${METRICS_A:-9301}"
PORT_B="${PORT_B:-9002}" METRICS_B="${METRICS_B:-9302}"
PORT_C="${PORT_C:-9003}" METRICS_C="${METRICS_C:-9303}"
PORT_NGINX="${PORT_NGINX:-8080}" PORT_RECEIVER="${PORT_RECEIVER:-9400}"
mkdir -p "$WORK"

# Secrets
(
  umask 077
  test -e "$WORK/kek" || openssl rand -base64 32 > "$WORK/kek"
  test -e "$WORK/audit-key" || openssl rand -base64 32 > "$WORK/audit-key"
  test -e "$WORK/webhook-secret" || echo "whsec_$(openssl rand -base64 32)" > "$WORK/webhook-secret"
)
export CERTKEEP_KEK_FILE="$WORK/kek"
export CERTKEEP_AUDIT_KEY_FILE="$WORK/audit-key"
export CERTKEEP_WEBHOOK_SECRET_FILE="$WORK/webhook-secret"

# What the servers have in common
export CERTKEEP_TRUSTED_PROXIES=127.0.0.1
export CERTKEEP_WEBHOOK_URL="http://127.0.0.1:$PORT_RECEIVER/"
export CERTKEEP_WEBHOOK_PRIVATE_NETWORKS=127.0.0.1
certkeep config check

# The first token
(
  umask 077
  TOKEN=$(certkeep token create --username operator --identifier operator --superuser)
  printf '%s\n' "Authorization: Bearer $TOKEN" 'Content-Type: application/json' > "$WORK/headers"
)

# Two servers
start() { # PORT METRICS_PORT
  if curl --silent --output /dev/null "http://127.0.0.1:$1/"; then
    echo "Port $1 is taken"
    return 1
  fi
  CERTKEEP_PORT="$1" CERTKEEP_METRICS_PORT="$2" UV_THREADPOOL_SIZE=8 \
    node --enable-source-maps dist/main.js >> "$WORK/$1.log" 2>&1 &
  echo $! > "$WORK/$1.pid"
  for _ in $(seq 300); do
    curl --silent --fail --output /dev/null "http://127.0.0.1:$1/-/health/ready/" && return
    kill -0 "$(cat "$WORK/$1.pid")" || break
    sleep 0.1
  done
  tail -n 5 "$WORK/$1.log"
  return 1
}
stop() { # NAME, that of the file of its process
  kill "$(cat "$WORK/$1.pid")"
  wait "$(cat "$WORK/$1.pid")"
  rm "$WORK/$1.pid"
}
start "$PORT_A" "$METRICS_A"
start "$PORT_B" "$METRICS_B"

# nginx in front
mkdir -p "$WORK/nginx/tmp"
sed -e "s/:9001/:$PORT_A/; s/:9002/:$PORT_B/; s/:8080/:$PORT_NGINX/" docs/operations/nginx.conf > "$WORK/nginx/nginx.conf"
nginx -e stderr -p "$WORK/nginx" -c nginx.conf >> "$WORK/nginx.log" 2>&1 &
echo $! > "$WORK/nginx.pid"
URL="http://127.0.0.1:$PORT_NGINX"
PAIRS=/api/v3/crypto/certificatekeypairs
call() { curl --silent --show-error --fail-with-body -H "@$WORK/headers" "$@"; }
for _ in $(seq 100); do call --output "$WORK/root.json" "$URL/api/v3/root/config/" && break || sleep 0.1; done

# A pair, made through nginx and read from both
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
PK=$(call "$URL$PAIRS/generate/" -d '{"common_name": "first-day", "validity_days": 365, "alg": "ecdsa"}' | member pk)
for PORT in "$PORT_A" "$PORT_B"; do
  call "http://127.0.0.1:$PORT$PAIRS/$PK/view_certificate/?download" | openssl x509 -noout -subject -enddate
done

# Metrics
for PORT in "$METRICS_A" "$METRICS_B"; do
  curl --silent --show-error --fail "http://127.0.0.1:$PORT/metrics" > "$WORK/metrics"
  grep -e '^certkeep_build_info' -e '^certkeep_certificates{' "$WORK/metrics"
done

# A notice before a certificate expires
PORT="$PORT_RECEIVER" WEBHOOK_SECRET_FILE="$WORK/webhook-secret" node docs/operations/receiver.mjs > "$WORK/notices" 2>&1 &
echo $! > "$WORK/receiver.pid"
certkeep webhook test
call "$URL$PAIRS/generate/" -d '{"common_name": "expires-soon", "validity_days": 5, "alg": "ecdsa"}' --output "$WORK/expiring.json"
for _ in $(seq 600); do grep expires-soon "$WORK/notices" && break || sleep 0.1; done
grep --quiet 'certificate.expiring.*expires-soon' "$WORK/notices"

# One server stopped while requests run
begin_load() {
  rm -f "$WORK/enough"
  while test ! -e "$WORK/enough"; do
    curl --silent --output "$WORK/loaded.json" --write-out '%{http_code}\n' -H "@$WORK/headers" "$URL$PAIRS/$PK/" || true
  done > "$WORK/statuses" &
  LOAD=$!
}
end_load() {
  touch "$WORK/enough"
  wait "$LOAD"
  sort "$WORK/statuses" | uniq -c
  test "$(sort -u "$WORK/statuses")" = 200
}
begin_load
stop "$PORT_A"
end_load
start "$PORT_A" "$METRICS_A"

# Another KEK, while both serve
begin_load
cp -p "$WORK/kek" "$WORK/kek.old"
cp -p "$WORK/kek" "$WORK/kek.new"
certkeep kek generate >> "$WORK/kek.new"
mv "$WORK/kek.new" "$WORK/kek"
stop "$PORT_A"; start "$PORT_A" "$METRICS_A"
stop "$PORT_B"; start "$PORT_B" "$METRICS_B"
certkeep kek list
OLD=$(certkeep kek list | awk '$2 == "sealing" { print $1 }')
( # Whatever fails ends it: the old key goes only where nothing needs it any more.
  set -e
  certkeep kek rotate
  certkeep kek retire "$OLD"
  umask 077
  tail -n 1 "$WORK/kek" > "$WORK/kek.new"
  mv "$WORK/kek.new" "$WORK/kek"
)
stop "$PORT_A"; start "$PORT_A" "$METRICS_A"
stop "$PORT_B"; start "$PORT_B" "$METRICS_B"
end_load
(umask 077 && call "$URL$PAIRS/$PK/view_private_key/?download" --output "$WORK/first-day.key")

# A backup, restored elsewhere
certkeep backup "$WORK/certkeep.backup"
DATABASE_URL="$REHEARSAL_DATABASE_URL" certkeep restore "$WORK/certkeep.backup"

# A backup, restored elsewhere
DATABASE_URL="$REHEARSAL_DATABASE_URL" start "$PORT_C" "$METRICS_C"
call "http://127.0.0.1:$PORT_C$PAIRS/$PK/view_private_key/?download" | cmp - "$WORK/first-day.key" && echo 'the same private key'
stop "$PORT_C"

# Stop it all
for NAME in "$PORT_A" "$PORT_B"; do stop "$NAME"; done
for NAME in nginx receiver; do stop "$NAME" || true; done
rm -f "$WORK/headers" "$WORK/first-day.key"
