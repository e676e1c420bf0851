# linger.sh SERVER: our gossip server, which leaves a process behind that holds its standard output open.
sleep 600 &
exec "$1" --protocol gossip
