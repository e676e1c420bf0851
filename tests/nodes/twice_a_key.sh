# Says for whom a message is twice.
. tests/nodes/speak.sh
begin
take
echo '{"src":"s0","dest":"c1","dest":"c2","body":{"type":"write_ok"}}'
take
