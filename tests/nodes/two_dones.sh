# Ends its second step twice, in one write.
. tests/nodes/speak.sh
begin
take
printf '%s\n%s\n' "$(finish)" "$(finish)"
take
