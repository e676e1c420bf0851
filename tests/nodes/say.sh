# say.sh LINE...: puts these lines out in answer to its first line, and then only reads.
read -r line
printf '%s\n' "$@"
while read -r line; do :; done
