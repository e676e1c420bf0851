# Puts out bytes that are no text.
. tests/nodes/speak.sh
begin
take
printf '{"src":"s0","dest":"c1","body":{"type":"\377\376"}}\n'
take
