-- The first schema. {{serial}}, {{bytes}} and {{time}} stand for each engine's
-- own types (see dialect.go).

CREATE TABLE domains (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    parent_id TEXT NOT NULL,
    path TEXT NOT NULL,
    level BIGINT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT NOT NULL,
    state TEXT NOT NULL,
    api_key TEXT,
    secret_key {{bytes}},
    created {{time}} NOT NULL
);

CREATE TABLE zones (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    network_type TEXT NOT NULL,
    dns1 TEXT NOT NULL,
    dns2 TEXT NOT NULL,
    internal_dns1 TEXT NOT NULL,
    internal_dns2 TEXT NOT NULL,
    ip6_dns1 TEXT NOT NULL,
    ip6_dns2 TEXT NOT NULL,
    guest_cidr TEXT NOT NULL,
    domain TEXT NOT NULL,
    local_storage BOOLEAN NOT NULL,
    allocation TEXT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE pods (
    id TEXT NOT NULL PRIMARY KEY,
    zone_id TEXT NOT NULL,
    name TEXT NOT NULL,
    gateway TEXT NOT NULL,
    netmask TEXT NOT NULL,
    start_ip TEXT NOT NULL,
    end_ip TEXT NOT NULL,
    allocation TEXT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE clusters (
    id TEXT NOT NULL PRIMARY KEY,
    zone_id TEXT NOT NULL,
    pod_id TEXT NOT NULL,
    name TEXT NOT NULL,
    allocation TEXT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE hosts (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    zone_id TEXT NOT NULL,
    pod_id TEXT NOT NULL,
    cluster_id TEXT NOT NULL,
    state TEXT NOT NULL,
    allocation TEXT NOT NULL,
    address TEXT NOT NULL,
    cpus BIGINT NOT NULL,
    mhz BIGINT NOT NULL,
    memory_bytes BIGINT NOT NULL,
    kvm BOOLEAN NOT NULL,
    arch TEXT NOT NULL,
    hypervisor_version TEXT NOT NULL,
    agent_version TEXT NOT NULL,
    bridges TEXT,
    boot_id TEXT NOT NULL,
    certificate TEXT NOT NULL,
    seen {{time}} NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE join_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL,
    cluster_id TEXT NOT NULL,
    expires {{time}} NOT NULL,
    used {{time}},
    host_id TEXT NOT NULL
);

CREATE TABLE pools (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    scope TEXT NOT NULL,
    zone_id TEXT NOT NULL,
    pod_id TEXT NOT NULL,
    cluster_id TEXT NOT NULL,
    path TEXT NOT NULL,
    url TEXT NOT NULL,
    tags TEXT NOT NULL,
    state TEXT NOT NULL,
    allocation TEXT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE stores (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    provider TEXT NOT NULL,
    zone_id TEXT NOT NULL,
    url TEXT NOT NULL,
    path TEXT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE service_offerings (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    display_text TEXT NOT NULL,
    cpus BIGINT NOT NULL,
    mhz BIGINT NOT NULL,
    memory_mib BIGINT NOT NULL,
    custom BOOLEAN NOT NULL,
    host_tags TEXT NOT NULL,
    storage_tags TEXT NOT NULL,
    storage_type TEXT NOT NULL,
    root_gib BIGINT NOT NULL,
    offer_ha BOOLEAN NOT NULL,
    limit_cpu_use BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE network_offerings (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    display_text TEXT NOT NULL,
    guest_type TEXT NOT NULL,
    traffic_type TEXT NOT NULL,
    providers TEXT,
    specify_vlan BOOLEAN NOT NULL,
    specify_ip_ranges BOOLEAN NOT NULL,
    availability TEXT NOT NULL,
    conserve_mode BOOLEAN NOT NULL,
    persistent BOOLEAN NOT NULL,
    enabled BOOLEAN NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE networks (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    name TEXT NOT NULL,
    display_text TEXT NOT NULL,
    zone_id TEXT NOT NULL,
    offering_id TEXT NOT NULL,
    guest_type TEXT NOT NULL,
    acl_type TEXT NOT NULL,
    bridge TEXT NOT NULL,
    vlan TEXT NOT NULL,
    mtu BIGINT NOT NULL,
    gateway TEXT NOT NULL,
    netmask TEXT NOT NULL,
    start_ip TEXT NOT NULL,
    end_ip TEXT NOT NULL,
    ip6_gateway TEXT NOT NULL,
    ip6_cidr TEXT NOT NULL,
    start_ip6 TEXT NOT NULL,
    end_ip6 TEXT NOT NULL,
    dns1 TEXT NOT NULL,
    dns2 TEXT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE templates (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    zone_id TEXT NOT NULL,
    store_id TEXT NOT NULL,
    name TEXT NOT NULL,
    display_text TEXT NOT NULL,
    url TEXT NOT NULL,
    format TEXT NOT NULL,
    checksum TEXT NOT NULL,
    os_type_id TEXT NOT NULL,
    password_enabled BOOLEAN NOT NULL,
    ssh_key_enabled BOOLEAN NOT NULL,
    public BOOLEAN NOT NULL,
    featured BOOLEAN NOT NULL,
    extractable BOOLEAN NOT NULL,
    bits BIGINT NOT NULL,
    arch TEXT NOT NULL,
    details TEXT,
    state TEXT NOT NULL,
    problem TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    physical_bytes BIGINT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE ssh_keys (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    name TEXT NOT NULL,
    public_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE vms (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    instance_name TEXT NOT NULL,
    state TEXT NOT NULL,
    zone_id TEXT NOT NULL,
    host_id TEXT NOT NULL,
    last_host_id TEXT NOT NULL,
    offering_id TEXT NOT NULL,
    template_id TEXT NOT NULL,
    os_type_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    cpus BIGINT NOT NULL,
    mhz BIGINT NOT NULL,
    memory_mib BIGINT NOT NULL,
    user_data {{bytes}},
    key_pairs TEXT,
    public_keys TEXT,
    password {{bytes}},
    password_used BOOLEAN NOT NULL,
    details TEXT,
    epoch BIGINT NOT NULL,
    drive_place TEXT NOT NULL,
    drive_sha256 TEXT NOT NULL,
    created {{time}} NOT NULL,
    updated {{time}} NOT NULL
);

CREATE TABLE volumes (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    zone_id TEXT NOT NULL,
    vm_id TEXT NOT NULL,
    pool_id TEXT NOT NULL,
    template_id TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    device BIGINT NOT NULL,
    path TEXT NOT NULL,
    format TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    state TEXT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE nics (
    id TEXT NOT NULL PRIMARY KEY,
    vm_id TEXT NOT NULL,
    network_id TEXT NOT NULL,
    device BIGINT NOT NULL,
    mac TEXT NOT NULL,
    ipv4 TEXT,
    netmask TEXT NOT NULL,
    gateway TEXT NOT NULL,
    ipv6 TEXT,
    ipv6_prefix BIGINT NOT NULL,
    ipv6_gateway TEXT NOT NULL,
    mtu BIGINT NOT NULL,
    is_default BOOLEAN NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE jobs (
    seq {{serial}},
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    command TEXT NOT NULL,
    params TEXT,
    queue_key TEXT NOT NULL,
    instance_type TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    event TEXT NOT NULL,
    status BIGINT NOT NULL,
    worker TEXT NOT NULL,
    lease {{time}} NOT NULL,
    not_before {{time}} NOT NULL,
    attempt BIGINT NOT NULL,
    timeout BIGINT NOT NULL,
    started {{time}},
    result {{bytes}},
    fault_kind BIGINT NOT NULL,
    fault_text TEXT NOT NULL,
    created {{time}} NOT NULL,
    completed {{time}}
);

CREATE TABLE flows (
    job_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    step BIGINT NOT NULL,
    undoing BOOLEAN NOT NULL,
    state {{bytes}},
    fault_kind BIGINT NOT NULL,
    fault_text TEXT NOT NULL,
    fault_more TEXT NOT NULL
);

CREATE TABLE actions (
    seq {{serial}},
    id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    host_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload {{bytes}},
    state TEXT NOT NULL,
    result {{bytes}},
    created {{time}} NOT NULL,
    not_before {{time}} NOT NULL,
    settled {{time}}
);

CREATE TABLE events (
    seq {{serial}},
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    type TEXT NOT NULL,
    state TEXT NOT NULL,
    level TEXT NOT NULL,
    description TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    created {{time}} NOT NULL
);

CREATE TABLE setting_values (
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    scope_id TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name, scope, scope_id)
);

CREATE UNIQUE INDEX domains_path ON domains (path);
CREATE UNIQUE INDEX accounts_name ON accounts (domain_id, name);
CREATE UNIQUE INDEX accounts_number ON accounts (number);
CREATE UNIQUE INDEX users_name ON users (account_id, name);
CREATE UNIQUE INDEX users_api_key ON users (api_key);
CREATE UNIQUE INDEX zones_name ON zones (name);
CREATE UNIQUE INDEX pods_name ON pods (zone_id, name);
CREATE UNIQUE INDEX clusters_name ON clusters (pod_id, name);
CREATE UNIQUE INDEX hosts_name ON hosts (name);
CREATE INDEX hosts_cluster ON hosts (cluster_id);
CREATE UNIQUE INDEX pools_name ON pools (name);
CREATE INDEX pools_zone ON pools (zone_id);
CREATE UNIQUE INDEX stores_name ON stores (name);
CREATE UNIQUE INDEX network_offerings_name ON network_offerings (name);
CREATE INDEX networks_account ON networks (account_id);
CREATE INDEX networks_zone ON networks (zone_id);
CREATE INDEX templates_account ON templates (account_id);
CREATE INDEX templates_zone ON templates (zone_id);
CREATE UNIQUE INDEX ssh_keys_name ON ssh_keys (account_id, name);
CREATE UNIQUE INDEX vms_number ON vms (number);
CREATE INDEX vms_account ON vms (account_id);
CREATE INDEX vms_host ON vms (host_id);
CREATE INDEX volumes_vm ON volumes (vm_id);
CREATE INDEX volumes_account ON volumes (account_id);
CREATE INDEX nics_vm ON nics (vm_id);
CREATE UNIQUE INDEX nics_mac ON nics (mac);
CREATE UNIQUE INDEX nics_ipv4 ON nics (network_id, ipv4);
CREATE UNIQUE INDEX nics_ipv6 ON nics (network_id, ipv6);
CREATE UNIQUE INDEX jobs_id ON jobs (id);
CREATE INDEX jobs_unfinished ON jobs (queue_key, seq) WHERE status IN (0, 3);
CREATE INDEX jobs_account ON jobs (account_id, seq);
CREATE INDEX jobs_instance ON jobs (instance_id, seq);
CREATE UNIQUE INDEX actions_id ON actions (id);
CREATE INDEX actions_pending ON actions (host_id, seq) WHERE state = 'pending';
CREATE INDEX actions_job ON actions (job_id);
CREATE UNIQUE INDEX events_id ON events (id);
CREATE INDEX events_account ON events (account_id, seq);

-- Numbers that are never given twice, not even after a delete.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
