# the server gives up in the middle, or says nothing
# as long as --limit says
s/-FTP_ERROR, t->timeout_s)/-FTP_ERROR, 3600)/
