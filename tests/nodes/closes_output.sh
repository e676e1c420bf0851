# Closes its standard output, and lives on.
. tests/nodes/speak.sh
begin
take
exec >&-
take
