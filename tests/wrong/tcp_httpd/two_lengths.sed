# what is no request, or cannot be answered, is told so
# request smuggling
s/^    if (lengths > 1)/    if (false)/
