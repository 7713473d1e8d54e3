# a file that is damaged on its way
# it has to be what has come
s/(event == FTP_DATA_RECEIVED || event == FTP_EOT_RECEIVED) \&\&/event == FTP_DATA_RECEIVED \&\&/
