#!/usr/bin/env bash
# The codegen phase in any CI, from a checkout of the repository, with codegen-tasks installed. The exit code is doit's.
#
#   TASK     the task directory                                                   (default: codegen)
#   SHARD    K/N: ask only for the K-th of N shares; empty: assemble everything   (default: empty)
#   OFFLINE  true: nobody is asked; what the store does not hold is a failure     (default: false)
#   APPLIED  true: fail unless the working tree holds all of the diff already     (default: false)
#   OUT      where the results are copied to                                      (default: codegen-results)
set -euo pipefail

task=${TASK:-codegen}
mkdir -p "${OUT:-codegen-results}"
out=$(cd "${OUT:-codegen-results}" && pwd)
cd "$task"

if [ "${OFFLINE:-false}" = true ]; then
  settings=codegen.yaml
  [ -e codegen.yml ] && settings=codegen.yml
  kept=$(mktemp)
  if [ -e "$settings" ]; then cp "$settings" "$kept"; fi
  trap 'cp "$kept" "$settings"' EXIT
  python - "$settings" <<'PY'
import pathlib, sys, yaml
path = pathlib.Path(sys.argv[1])
settings = (yaml.safe_load(path.read_text()) if path.exists() else None) or {}
settings["store"] = {**(settings.get("store") or {}), "offline": True}
path.write_text(yaml.safe_dump(settings, sort_keys=False))
PY
fi

code=0
doit codegen ${SHARD:+"shard=$SHARD"} || code=$?
if [ -z "${SHARD:-}" ]; then
  doit review || true # a run that failed has a page too, once it got far enough
fi
for name in diff.patch ready.json failure.json checks.json scope.json scope.sarif provenance.json review.html; do
  if [ -e "code/$name" ]; then cp "code/$name" "$out/"; fi
done
if [ -e .codegen/events.jsonl ]; then cp .codegen/events.jsonl "$out/"; fi

if [ "$code" = 0 ] && [ "${APPLIED:-false}" = true ]; then
  if ! python -c 'import json, sys; sys.exit(not json.load(open("code/ready.json"))["applied"])'; then
    echo "the working tree is not what the stored replies make of it: see diff.patch" >&2
    exit 1
  fi
fi
exit "$code"
