# what a killed run has left is no obstacle
# its own
s/unused_key(argv\[1\])/(block_termination(), access(argv[1], F_OK) == -1 ? (err(1, "%s", argv[1]), 0) : ftok(argv[1], IPC_PROJECT))/
