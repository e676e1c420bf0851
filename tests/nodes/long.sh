# long.sh BYTES: a server that sends s0 an empty piece of a gossip store on a line of so many bytes.
. "${0%/*}/node.sh"

begin='{"src":"s1","dest":"s0","body":{"type":"stabilize","round":0,"phase":"gather","entries":[],"more":false,"pad":"'
end='"}}'
read -r line
accept
printf '%s' "$begin"
head -c $(($1 - ${#begin} - ${#end})) /dev/zero | tr '\0' x
printf '%s\n' "$end"
finish
while read -r line; do :; done
