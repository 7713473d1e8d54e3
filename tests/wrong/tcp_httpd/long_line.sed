# what is no request, or cannot be answered, is told so
# A buffer has an end
s/\*refusal = 414;/*refusal = 0;/
s/\*refusal = 431;/*refusal = 0;/
