# A server that never answers `init`, and that neither the end of its input nor SIGHUP or SIGTERM ends.
trap '' HUP TERM
exec sleep 600
