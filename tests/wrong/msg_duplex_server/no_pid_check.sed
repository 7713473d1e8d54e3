# what is no question is skipped
# a process id above 1
s/ || asked->client <= QUESTION_TYPE//
