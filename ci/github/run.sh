#!/usr/bin/env bash
# One step of the action: runs a command of oncall-sync and shows what it said. It decides nothing: the exit code is
# the command's own, and the workflow says in `passes` with which ones it goes on.
#
# Everything comes in through the environment (see action.yml), so no name of a branch, file or person becomes a part
# of a script. The names begin with SYNC_, since a policy may name variables as tokens that begin with ONCALL_.
set -euo pipefail
exec 2>&1 # one stream: the log keeps the order in which things were said

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${SYNC_BIN:-${RUNNER_TEMP:-}/oncall-sync/bin}
summary=${GITHUB_STEP_SUMMARY:-/dev/null}
outputs=${GITHUB_OUTPUT:-/dev/null}
token=${SYNC_GITHUB_TOKEN:-}
unset SYNC_GITHUB_TOKEN # oncall-sync has no use for it
said=$(mktemp)
trap 'rm -f "$said"' EXIT

api() {
    SYNC_GITHUB_TOKEN=$token "$bin/python" -I "$here/api.py" "$@"
}

random() {
    od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

output() { # NAME VALUE: whatever the value holds, it ends where it ends
    local mark
    mark=end-$(random)
    printf '%s<<%s\n%s\n%s\n' "$1" "$mark" "$2" "$mark" >>"$outputs"
}

oncall_sync() { # stdout goes to $said, the rest to the log, in which no line is taken for a command of the runner
    local mark code=0
    mark=stop-$(random)
    echo "::stop-commands::$mark"
    "$bin/oncall-sync" "$@" >"$said" || code=$?
    if [ "$command" = apply ]; then cat "$said"; fi
    echo "::$mark::"
    return "$code"
}

meaning() {
    case $1 in
    0) echo "fine" ;;
    1) echo "an error, told above" ;;
    2) echo "there are changes" ;;
    3) echo "a guard refuses; nothing was changed" ;;
    4) echo "the plan is stale: it is not what would happen now; nothing was changed" ;;
    5) echo "applied in part: run it again, and read above what was done and what failed" ;;
    *) echo "told above" ;;
    esac
}

command=${SYNC_COMMAND:?say which command to run}
cd -- "${SYNC_DIRECTORY:-.}"
plan=${SYNC_PLAN:-}
case $command in
validate) words=(validate --format github) ;;
plan)
    plan=${plan:-plans/ci.json}
    words=(plan --exit-code --format markdown --out "$plan")
    rm -f -- "$plan"
    ;;
apply) words=(apply ${plan:+"$plan"}) ;;
drift) words=(drift --format markdown) ;;
reviewed) # not one of oncall-sync's: which run made the plan that was reviewed
    api reviewed >>"$outputs"
    exit
    ;;
*)
    echo "::error title=oncall-sync::command: there are validate, plan, apply, drift and reviewed"
    exit 1
    ;;
esac
words+=(--config "${SYNC_CONFIG:-oncall.yaml}")
while IFS= read -r word || [ -n "$word" ]; do
    if [ -n "$word" ]; then words+=("$word"); fi
done <<<"${SYNC_ARGS:-}"

code=0
oncall_sync "${words[@]}" || code=$?
output exit-code "$code"

shown=0 # what could not be shown makes the step fail as well: an old comment would seem to hold
case $command in
validate)
    cat "$said" # annotations
    echo "\`oncall-sync validate\`: exit code $code, $(meaning "$code")." >>"$summary"
    ;;
plan)
    cat "$said" >>"$summary"
    if [ -f "$plan" ]; then
        case $plan in /*) output plan "$plan" ;; *) output plan "$PWD/$plan" ;; esac
        output digest "$(api digest "$plan")"
    fi
    if [ "${SYNC_COMMENT:-false}" = true ] && [ -n "${SYNC_PULL_REQUEST:-}" ]; then
        api comment "$said" "$code" || shown=1
    fi
    ;;
apply) api pre "$said" >>"$summary" || shown=1 ;;
drift)
    cat "$said" >>"$summary"
    case $code in
    0) api close "$said" || shown=1 ;;
    2) api issue "$said" || shown=1 ;;
    esac
    ;;
esac

case " ${SYNC_PASSES:-0} " in
*" $code "*)
    if [ "$code" != 0 ]; then
        echo "::notice title=oncall-sync $command::exit code $code: $(meaning "$code")"
    fi
    exit "$shown"
    ;;
esac
echo "::error title=oncall-sync $command::exit code $code: $(meaning "$code")"
if [ "$code" = 0 ]; then code=1; fi # `passes` without 0
exit "$code"
