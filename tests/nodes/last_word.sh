# Puts out a line when its input ends.
. tests/nodes/speak.sh
begin
take || say c1 '{"type":"bye"}'
