# Sends a message to somebody ($2).
. tests/nodes/speak.sh
begin
take
say "$2" '{"type":"hello"}'
finish
take
