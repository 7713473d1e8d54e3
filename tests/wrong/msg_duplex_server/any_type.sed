# what is not a question is left in the queue | a client asks three questions
# with msgtyp 0 it takes
s/QUESTION_MSG_SIZE, QUESTION_TYPE, MSG_NOERROR/QUESTION_MSG_SIZE, 0, MSG_NOERROR/
