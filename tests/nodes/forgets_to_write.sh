# Says that it appended to a file, and writes less than that ($2 bytes of 5).
. tests/nodes/speak.sh
begin
take
head -c "$2" /dev/zero >"$SPLITBRAIN_DATA/log"
say disk '{"type":"append","file":"log","length":5}'
say disk '{"type":"sync","file":"log"}'
finish
while take; do finish; done
