# Ends its second step as if it were the first.
. tests/nodes/speak.sh
begin
take
say clock '{"type":"done","step":1}'
take
