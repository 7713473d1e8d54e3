# eight clients at once, each has its own answers
# the process that asked
s/QUESTION_TYPE : asked->client/QUESTION_TYPE : clients.clients[0]/
