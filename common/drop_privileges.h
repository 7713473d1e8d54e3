/*
 * common/drop_privileges.h -- from root to a user, and never back.
 */
#ifndef COMMON_DROP_PRIVILEGES_H
#define COMMON_DROP_PRIVILEGES_H

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

// Make this process that user's, with all of its groups; gid is the only one of
// a user that has no entry in passwd(5). Nothing to do if it is already. False
// and errno if it cannot be done: end then, some of it may have been.
static inline bool drop_privileges(uid_t uid, gid_t gid)
{
    if (uid == geteuid())
        return true;

    const struct passwd *user = getpwuid(uid);
    if (user)
        gid = user->pw_gid;
    // In this order: the last one gives up the right to do the others. With the
    // saved IDs, too, or they could be had back.
    if ((user ? initgroups(user->pw_name, gid) : setgroups(0, NULL)) == -1 ||
        setresgid(gid, gid, gid) == -1 || setresuid(uid, uid, uid) == -1)
        return false;
    errno = EPERM;
    return setuid(0) == -1;
}

#endif
