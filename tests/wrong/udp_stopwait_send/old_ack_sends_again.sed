# an old ACK is none
# Sorcerer's Apprentice
s/^            return true;/&\n        return false;/
