-- What the filter language needs: texts that read as numbers are told apart, clicks and opens are kept,
-- and "in the last … days" finds messages and answers without reading all of them.
set lock_timeout = '5s';

alter table broadcast.contact_fields drop constraint contact_fields_value_type_check;
alter table broadcast.contact_fields add constraint contact_fields_value_type_check
  check (value_type in ('text', 'numeric_text', 'number', 'date', 'boolean', 'list'));

-- Not validated: whatever the former constraint let in, this one lets in too, and the events are many.
alter table broadcast.message_events drop constraint message_events_kind_check;
alter table broadcast.message_events add constraint message_events_kind_check
  check (kind in ('status', 'inbound', 'opt_out', 'opt_in', 'click', 'open')) not valid;

-- Whom we wrote to lately, and whose message arrived lately: the later of the two moments, so that one
-- index answers both. A message enters it when it is sent and again when it is delivered, each time at
-- the index's right edge, where writing is cheapest; messages that wait are not in it. It holds no
-- contact: the rows of a stretch of time lie together in the table anyway.
create index messages_lately on broadcast.messages (workspace_id, (greatest(sent_at, delivered_at)))
  where contact_id is not null and greatest(sent_at, delivered_at) is not null;

-- Clicks and answers are a few among the events, and only these are in it.
create index message_events_answers
  on broadcast.message_events (workspace_id, kind, (coalesce(occurred_at, received_at)))
  where kind in ('inbound', 'click') and message_id is not null;

-- The keys are counted anew, with what reads as a number. As the worker: row-level security hides the
-- rows from an owner who is no superuser.
set local role clarion_worker;
update broadcast.change_followers set counted_at = null where follower = 'catalogue';
reset role;
