# Puts out an envelope whose body is no object.
. tests/nodes/speak.sh
begin
take
say c1 '"write_ok"'
take
