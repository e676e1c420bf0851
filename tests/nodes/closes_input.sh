# Closes its standard input, and lives on.
. tests/nodes/speak.sh
take
exec <&-
say master '{"type":"init_ok","in_reply_to":1,"lockstep":1}'
finish
exec sleep 1000
