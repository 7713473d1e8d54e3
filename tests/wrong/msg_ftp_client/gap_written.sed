# a gap, and the same bytes twice
# where the one before ended
s/(event == FTP_DATA_RECEIVED || event == FTP_EOT_RECEIVED) \&\&/event == FTP_EOT_RECEIVED \&\&/
