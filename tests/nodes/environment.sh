# A server whose store is the environment that it was started with.
. "${0%/*}/node.sh"

variables=$(tr '\0' '\n' < /proc/$$/environ | sed 's/\(.*\)=\(.*\)/["\1","\2"]/' | paste -sd, -)
while read -r line; do
    case $line in
    *'"type":"inspect"'*)
        show "$variables"
        continue
        ;;
    *'"type":"init"'*) accept ;;
    esac
    finish
done
