# a client asks three questions
# a client asks three questions
s/QUESTION_TYPE : asked->client/QUESTION_TYPE : QUESTION_TYPE/
