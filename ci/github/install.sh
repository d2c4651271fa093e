#!/usr/bin/env bash
# Installs the oncall-sync that came with this action: the ref behind `uses: …@REF` is the version.
#
# -I, because Python would otherwise look for modules in the checkout first, and a pull request can put some there.
set -euo pipefail

folder=$RUNNER_TEMP/oncall-sync
if [ ! -x "$folder/bin/oncall-sync" ]; then
    python3 -I -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check "$GITHUB_ACTION_PATH"
fi
"$folder/bin/oncall-sync" --version
