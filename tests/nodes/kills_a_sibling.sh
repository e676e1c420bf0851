# Is the server s1, and kills the server s0, which has the same parent, before it answers init.
. tests/nodes/speak.sh
take
for process in /proc/[0-9]*; do
    command=$(tr '\0' ' ' <"$process/cmdline") 2>/dev/null
    case "$command" in "s0 node --parent $PPID "*) sibling=$process ;; esac
done
kill -KILL "${sibling#/proc/}"
# It is dead when it is a zombie: its parent has not looked yet.
until grep -q '^State:.Z' "$sibling/status"; do :; done
say master '{"type":"init_ok","in_reply_to":2,"lockstep":1}'
finish
take
