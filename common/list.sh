#!/bin/sh
# common/list.sh [FOLDER]... -- all lessons, one line each, from their cards.
set -u
. common/card.sh

card_list "$@"
