# a set that is in use is left alone
# SEM_UNDO, so that it is 0 again
s/unused_key(argv\[optind\])/(block_termination(), access(argv[optind], F_OK) == -1 ? (err(1, "%s", argv[optind]), 0) : ftok(argv[optind], IPC_PROJECT))/;s/IPC_CREAT | IPC_EXCL | 0600/IPC_CREAT | 0600/
