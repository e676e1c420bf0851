# Speaks in another node's name.
. tests/nodes/speak.sh
begin
take
echo '{"src":"s1","dest":"c1","body":{"type":"write_ok","in_reply_to":1}}'
take
