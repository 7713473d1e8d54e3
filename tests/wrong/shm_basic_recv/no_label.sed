# three readings arrive
# The sender compares magic, version and size
/segment_label(/d
