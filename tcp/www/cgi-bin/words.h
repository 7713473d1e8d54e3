/*
 * tcp/www/cgi-bin/words.h -- what the live pages say, in English and Chinese.
 *
 * The English words stand where they are printed, and are looked up here: in
 * Chinese at an address that goes on with /zh, /cgi-bin/ipc/zh. That is
 * PATH_INFO (RFC 3875, section 4.1.5).
 */
#ifndef TCP_WWW_CGI_BIN_WORDS_H
#define TCP_WWW_CGI_BIN_WORDS_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

// What the addresses of this language have, those of live pages at the end, and
// those of the book in front: "/zh", or nothing.
static inline const char *language(void)
{
    const char *info = getenv("PATH_INFO");
    return info && strcmp(info, "/zh") == 0 ? "/zh" : "";
}

static inline const char *translated(const char *english)
{
    static const struct {
        const char *english, *chinese;
    } words[] = {
        // page.h
        {"live pages", "实时页面"},
        {"In the kernel, now", "此刻的内核"},
        {"Run a lesson", "运行一课"},
        {"Trace a lesson", "跟踪一课"},

        // ipc.c
        {"Marked like this", "这样标出的"},
        {"is what a lesson of this suite has made, or does. Leave one running,"
         " and",
         "是本套课程建立的对象或运行的进程。"
         "让一课运行着，再"},
        {"look again", "看一次"},
        {"Processes of the suite", "课程的进程"},
        {"process|program|waits in|for", "进程|程序|睡眠在|等待"},
        {"Message queues", "消息队列"},
        {"key|id|mode|user|messages|bytes|waiting",
         "键|标识符|权限|用户|消息数|字节数|等待的进程"},
        {"Semaphore sets", "信号量集"},
        {"key|id|mode|user|semaphores|waiting",
         "键|标识符|权限|用户|信号量数|等待的进程"},
        {"Shared memory", "共享内存"},
        {"key|id|mode|user|bytes|attached",
         "键|标识符|权限|用户|字节数|关联数"},
        {"FIFOs", "FIFO（命名管道）"},
        {"path|process|program|open", "路径|进程|程序|打开方式"},
        {"reads", "读"},
        {"writes", "写"},
        {"reads and writes", "读写"},
        {"TCP over IPv4", "TCP（IPv4）"},
        {"TCP over IPv6", "TCP（IPv6）"},
        {"UDP over IPv4", "UDP（IPv4）"},
        {"UDP over IPv6", "UDP（IPv6）"},
        {"program|process|here|there|state",
         "程序|进程|本端地址|对端地址|状态"},
        {"cannot be read", "无法读取"},
        {"queue", "队列"},
        {"set", "信号量集"},

        // run.c
        {"Run it", "运行"},
        {"Trace it", "跟踪"},
        {"No such lesson", "没有这一课"},
        {"There is no list of lessons: make site starts this site with one.",
         "没有课程清单：用 make site 启动本站才会有。"},
        {"Not started", "没有启动"},
        {"Another lesson runs.", "另一课正在运行。"},
        {"Ended at the time limit, in seconds:", "到时限结束，时限（秒）："},
        {"The same as text", "文字形式"},
        {"Once more", "再来一次"},
        {"Run it without strace", "不用 strace 运行"},
        {"Its page", "这一课的页面"},

        // lesson.h
        {"Only this machine may start a lesson.", "只有本机可以启动课程。"},
        {"This page has been asked for by another name than 127.0.0.1.",
         "请求本页时用的不是 127.0.0.1 这个名字。"},
        {"The form is that of another site.", "表单来自别的网站。"},
        {"The site was not started by make site.",
         "本站不是用 make site 启动的。"},
        {"The token is missing, or is an old one: load the page again.",
         "令牌缺失或已过期：请重新载入页面。"},
    };

    if (language()[0] != '\0')
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strcmp(words[i].english, english) == 0)
                return words[i].chinese;
    return english;
}

#endif
