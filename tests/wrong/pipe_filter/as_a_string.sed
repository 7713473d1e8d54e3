# bytes pass as they are
# with or without lines
s/if (fwrite(answer, 1, (size_t)n, stdout) < (size_t)n)/answer[n < 65536 ? n : 65535] = 0;\n    if (fputs(answer, stdout) == EOF)/
