# a script: its variables, and its status
# The connection itself is no stdin
s/if (c->body.state != BODY_DONE)$/if (false)/
s/input == -1 ? c->server->dev_null : input/c->body.state == BODY_DONE ? c->server->dev_null : c->in/
s/if (c->body.length > 0)/if (r->body_length > 0)/
s/(unsigned long long)c->body.length);/(unsigned long long)r->body_length);/
