# two receivers: each reading goes to one of them
# it adds its counts to the total in the segment
s/struct counter total = bounded_total(shared)/struct counter total = counter/
