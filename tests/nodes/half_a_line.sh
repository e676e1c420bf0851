# Puts out half a line, and dies.
. tests/nodes/speak.sh
begin
take
printf '{"src":"s0","dest":"c1","body'
exit 3
