# what a killed run has left is no obstacle
# its own
s/unused_key(argv\[optind\])/(block_termination(), access(argv[optind], F_OK) == -1 ? (err(1, "%s", argv[optind]), 0) : ftok(argv[optind], IPC_PROJECT))/
