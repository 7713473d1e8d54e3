# clients that go away, and three hundred that come
# children that have ended, and are not waited for
s/ok = reap();/ok = true;/
