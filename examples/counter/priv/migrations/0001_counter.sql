create table counter (
  only_row boolean primary key default true check (only_row),
  value bigint not null default 0
);
insert into counter default values;
