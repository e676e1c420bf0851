# Puts out messages without end.
. tests/nodes/speak.sh
begin
take
exec yes "$(say s0 '{"type":"hello"}')"
