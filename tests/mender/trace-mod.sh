#!/bin/sh
# An update module that writes down each call and does as the files in /var/lib/mender/test say:
#   fail-STATE   fails there          kill-STATE   power goes there, once     hold-STATE   waits while the file is there
#   answer-STATE what it prints there (SupportsRollback, NeedsArtifactReboot)
#   streams      takes the payload's files from the streams, slowly enough to be stopped in between
test=/var/lib/mender/test
echo "$1" >>$test/calls
[ -f "$test/answer-$1" ] && cat "$test/answer-$1"
while [ -f "$test/hold-$1" ]; do sleep 0.05; done
if [ -f "$test/kill-$1" ]; then
  rm "$test/kill-$1"
  kill -9 "$(cat $test/pid)"
fi
if [ "$1" = Download ] && [ -f $test/streams ]; then
  while name=$(cat stream-next) && [ -n "$name" ]; do cat "$name" >/dev/null; done
fi
[ ! -f "$test/fail-$1" ]
