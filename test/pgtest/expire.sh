every=$1 looks=$2
shift 2

docker-entrypoint.sh "$@" &
server=$!
trap 'kill -INT $server' INT TERM

# Until the first client has come the patience is ten times as long: the machine may be slow. In the kernel's table 1538 is
# port 5432 in hexadecimal, and 01 an established connection.
idle=0 limit=$((looks * 10))
while kill -0 $server 2>/dev/null && [ $idle -lt $limit ]; do
	sleep "$every"
	if grep -qs ':1538 [0-9A-F]*:[0-9A-F]* 01 ' /proc/net/tcp /proc/net/tcp6; then
		idle=0 limit=$looks
	else
		idle=$((idle + 1))
	fi
done
kill -INT $server 2>/dev/null
wait $server
