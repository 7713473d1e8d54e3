/*
 * common/figures/words.h -- what the states, events and actions of the two
 * tables are called: in the code, and in the figures of both languages.
 */
#ifndef COMMON_FIGURES_WORDS_H
#define COMMON_FIGURES_WORDS_H

#include "../../msg/ftp/ftp_machine.h"
#include "../../udp/tftp/tftp_machine.h"

struct words {
    const char *name;    // as in the table, without what all begin with
    const char *english; // NULL: a state is called by its name
    const char *chinese;
};

static const struct words ftp_state_words[FTP_STATES] = {
    [FTP_CLIENT_CALLING] = {"CALLING", NULL, "发出请求"},
    [FTP_CLIENT_WAITING] = {"WAITING", NULL, "等待答复"},
    [FTP_CLIENT_RECEIVING] = {"RECEIVING", NULL, "接收"},
    [FTP_CLIENT_COMMITTING] = {"COMMITTING", NULL, "保存"},
    [FTP_CLIENT_CLOSING] = {"CLOSING", NULL, "收尾"},
    [FTP_CLIENT_SUCCEEDED] = {"SUCCEEDED", NULL, "成功"},
    [FTP_CLIENT_FAILED] = {"FAILED", NULL, "失败"},
    [FTP_WORKER_STARTING] = {"STARTING", NULL, "启动"},
    [FTP_WORKER_OPENING] = {"OPENING", NULL, "打开文件"},
    [FTP_WORKER_SENDING] = {"SENDING", NULL, "发送"},
    [FTP_WORKER_CLOSING] = {"CLOSING", NULL, "收尾"},
    [FTP_WORKER_REFUSING] = {"REFUSING", NULL, "拒绝"},
    [FTP_WORKER_CLOSED] = {"CLOSED", NULL, "结束"},
};

static const struct words ftp_event_words[FTP_EVENTS] = {
    [FTP_OTHER_EVENT] = {"OTHER_EVENT", "any other", "其他"},
    [FTP_OK] = {"OK", "done", "完成"},
    [FTP_LOCAL_ERROR] = {"LOCAL_ERROR", "cannot", "本端出错"},
    [FTP_QUEUE_REMOVED] = {"QUEUE_REMOVED", "queue removed", "队列被删除"},
    [FTP_TIMEOUT] = {"TIMEOUT", "timeout", "超时"},
    [FTP_PROTOCOL_ERROR] = {"PROTOCOL_ERROR", "malformed", "非法消息"},
    [FTP_DATA_RECEIVED] = {"DATA_RECEIVED", "DATA", "DATA"},
    [FTP_EOT_RECEIVED] = {"EOT_RECEIVED", "EOT", "EOT"},
    [FTP_ERROR_RECEIVED] = {"ERROR_RECEIVED", "ERROR", "ERROR"},
    [FTP_DATA_READ] = {"DATA_READ", "bytes", "读到数据"},
    [FTP_END_OF_FILE] = {"END_OF_FILE", "end of file", "文件结束"},
    [FTP_NO_REQUEST] = {"NO_REQUEST", "no PATH", "没有 PATH"},
    [FTP_DONE_RECEIVED] = {"DONE_RECEIVED", "DONE", "DONE"},
};

static const struct words ftp_action_words[] = {
    [FTP_END] = {"END", "", ""},
    [FTP_SEND_CALL] = {"SEND_CALL", "send PATH, CALL", "发 PATH、CALL"},
    [FTP_RECEIVE] = {"RECEIVE", "receive", "接收"},
    [FTP_STORE] = {"STORE", "store", "写入文件"},
    [FTP_COMMIT] = {"COMMIT", "commit", "命名"},
    [FTP_SEND_DONE] = {"SEND_DONE", "send DONE", "发 DONE"},
    [FTP_RECEIVE_PATH] = {"RECEIVE_PATH", "receive PATH", "收 PATH"},
    [FTP_OPEN] = {"OPEN", "open", "打开"},
    [FTP_READ] = {"READ", "read", "读文件"},
    [FTP_SEND_DATA] = {"SEND_DATA", "send DATA", "发 DATA"},
    [FTP_SEND_EOT] = {"SEND_EOT", "send EOT", "发 EOT"},
    [FTP_SEND_ERROR] = {"SEND_ERROR", "send ERROR", "发 ERROR"},
    [FTP_WAIT_CONFIRM] = {"WAIT_CONFIRM", "wait for DONE", "等 DONE"},
    [FTP_REMOVE_QUEUE] = {"REMOVE_QUEUE", "remove queue", "删除队列"},
};

static const struct words tftp_state_words[TFTP_STATES] = {
    [TFTP_ANY_STATE] = {"ANY_STATE", "any other state", "其他各状态"},
    [TFTP_RRQ_SENT] = {"RRQ_SENT", NULL, "已发 RRQ"},
    [TFTP_WRQ_SENT] = {"WRQ_SENT", NULL, "已发 WRQ"},
    [TFTP_RRQ_ANSWERED] = {"RRQ_ANSWERED", NULL, "已应答 RRQ"},
    [TFTP_WRQ_ANSWERED] = {"WRQ_ANSWERED", NULL, "已应答 WRQ"},
    [TFTP_SENDING] = {"SENDING", NULL, "发送"},
    [TFTP_RECEIVING] = {"RECEIVING", NULL, "接收"},
    [TFTP_COMMITTING] = {"COMMITTING", NULL, "保存"},
    [TFTP_DALLYING] = {"DALLYING", NULL, "多等一会儿"},
    [TFTP_SUCCEEDED] = {"SUCCEEDED", NULL, "成功"},
    [TFTP_FAILED] = {"FAILED", NULL, "失败"},
};

static const struct words tftp_event_words[TFTP_EVENTS] = {
    [TFTP_NO_EVENT] = {"NO_EVENT", "nothing new", "没有新内容"},
    [TFTP_OK] = {"OK", "done", "完成"},
    [TFTP_OK_NO_LOSS] = {"OK_NO_LOSS", "done, none lost", "完成，没丢包"},
    [TFTP_OACK_RECEIVED] = {"OACK_RECEIVED", "OACK", "OACK"},
    [TFTP_ACK0_RECEIVED] = {"ACK0_RECEIVED", "ACK 0", "ACK 0"},
    [TFTP_DATA_RECEIVED] = {"DATA_RECEIVED", "DATA", "DATA"},
    [TFTP_DATA_COMPLETE] = {"DATA_COMPLETE", "the last DATA", "DATA 收全"},
    [TFTP_ACK_RECEIVED] = {"ACK_RECEIVED", "ACK", "ACK"},
    [TFTP_ALL_ACKED] = {"ALL_ACKED", "the last ACK", "全部已确认"},
    [TFTP_TIMEOUT] = {"TIMEOUT", "timeout", "超时"},
    [TFTP_OPTIONS_REFUSED] = {"OPTIONS_REFUSED", "ERROR 8", "ERROR 8"},
    [TFTP_ERROR_RECEIVED] = {"ERROR_RECEIVED", "ERROR", "ERROR"},
    [TFTP_PEER_GONE] = {"PEER_GONE", "peer gone", "对端已退出"},
    [TFTP_PEER_SILENT] = {"PEER_SILENT", "peer silent", "对端沉默"},
    [TFTP_PROTOCOL_ERROR] = {"PROTOCOL_ERROR", "malformed", "非法报文"},
    [TFTP_LOCAL_ERROR] = {"LOCAL_ERROR", "cannot", "本端出错"},
};

static const struct words tftp_action_words[] = {
    [TFTP_WAIT] = {"WAIT", "", ""},
    [TFTP_SEND_FIRST] = {"SEND_FIRST", "again", "重发"},
    [TFTP_SEND_PLAIN_REQUEST] = {"SEND_PLAIN_REQUEST", "no options",
                                 "不带选项"},
    [TFTP_SEND_DATA] = {"SEND_DATA", "send DATA", "发 DATA"},
    [TFTP_RESEND_DATA] = {"RESEND_DATA", "DATA again", "重发 DATA"},
    [TFTP_SEND_ACK0] = {"SEND_ACK0", "send ACK 0", "发 ACK 0"},
    [TFTP_SEND_ACK] = {"SEND_ACK", "send ACK", "发 ACK"},
    [TFTP_REPEAT_ACK] = {"REPEAT_ACK", "ACK again", "重发 ACK"},
    [TFTP_SEND_LAST_ACK] = {"SEND_LAST_ACK", "last ACK", "发最后的 ACK"},
    [TFTP_COMMIT] = {"COMMIT", "commit", "校验、命名"},
    [TFTP_SEND_ERROR] = {"SEND_ERROR", "send ERROR", "发 ERROR"},
};

#endif
