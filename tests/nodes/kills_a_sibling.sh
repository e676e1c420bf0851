# Is the server s1, and kills the server s0, which has the same master, before it answers init.
. tests/nodes/speak.sh
take
# The parent of this process is its guard, and the guard's parent is the master.
read -r process name state master rest <"/proc/$PPID/stat"
for process in /proc/[0-9]*; do
    command=$(tr '\0' ' ' <"$process/cmdline") 2>/dev/null
    case "$command" in "s0 node --parent $master "*) sibling=$process ;; esac
done
kill -KILL "${sibling#/proc/}"
# It is dead when it is a zombie: its parent has not looked yet.
until grep -q '^State:.Z' "$sibling/status"; do :; done
say master '{"type":"init_ok","in_reply_to":2,"lockstep":1}'
finish
take
