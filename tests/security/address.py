"""Ways to write the address of something that no job may reach: data for every door that takes a URL."""
# ruff: noqa: RUF001 -- letters that look alike are the point

#: Loopback as IPv4, as `inet_aton` and as browsers read it.
IPV4 = {
    "plain": "127.0.0.1",
    "another of the block": "127.8.9.10",
    "decimal": "2130706433",
    "decimal, over 32 bits": "6425673729",
    "octal": "017700000001",
    "hex": "0x7f000001",
    "hex in capitals": "0X7F000001",
    "dotted octal": "0177.0.0.01",
    "dotted octal with zeros before": "0000177.0.0.1",
    "dotted hex": "0x7f.0x0.0x0.0x1",
    "mixed": "0x7f.0.1",
    "two parts": "127.1",
    "three parts": "127.0.1",
    "two parts, the last of 24 bits": "127.16777215",
    "zero": "0",
    "zeros": "0.0.0.0",
    "this network": "0.1.2.3",
    "dot at the end": "127.0.0.1.",
    "two dots at the end": "127.0.0.1..",
}
#: The same in letters that some reader takes for digits, dots or nothing at all.
DISGUISED = {
    "full-width digits": "１２７.０.０.１",
    "circled digits": "①②⑦.⓪.⓪.①",
    "ideographic dots": "127。0。0。1",
    "full-width dots": "127．0．0．1",
    "half-width dots": "127｡0｡0｡1",
    "zero-width space": "127.0.0.\u200b1",
    "soft hyphen": "local\u00adhost",
    "circled letters": "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "percent-encoded digits": "%31%32%37.0.0.1",
    "percent-encoded dots": "127%2e0%2e0%2e1",
    "percent-encoded twice": "%2531%2532%2537.0.0.1",
    "percent-encoded name": "loc%61lhost",
    "NUL": "127.0.0.1%00.example.com",
    "punycode": "xn--127-0-0-1-.",
}
IPV6 = {
    "loopback": "[::1]",
    "loopback at length": "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "unspecified": "[::]",
    "mapped": "[::ffff:127.0.0.1]",
    "mapped in hex": "[::ffff:7f00:1]",
    "mapped at length": "[0:0:0:0:0:ffff:127.0.0.1]",
    "compatible": "[::127.0.0.1]",
    "translated": "[::ffff:0:127.0.0.1]",
    "NAT64": "[64:ff9b::127.0.0.1]",
    "NAT64 of one's own": "[64:ff9b:1::127.0.0.1]",
    "6to4": "[2002:7f00:1::1]",
    "Teredo": "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "ISATAP": "[2001:db8::5efe:127.0.0.1]",
    "link-local": "[fe80::1]",
    "link-local with a zone": "[fe80::1%lo]",
    "link-local with an encoded zone": "[fe80::1%25lo]",
    "loopback with a zone": "[::1%lo]",
    "site-local": "[fec0::1]",
    "unique local": "[fd12:3456::1]",
    "multicast": "[ff02::1]",
    "a version to come": "[v1.::1]",
    "without brackets": "::1",
}
NAMES = {
    "localhost": "localhost",
    "localhost in capitals": "LOCALHOST",
    "localhost with a dot": "localhost.",
    "a name of loopback": "loopback.example",
    "a name of the metadata": "metadata.example",
    "a name of a private address": "private.example",
    "a name of IPv6 loopback": "loopback6.example",
    "a name of one that is open and one that is not": "mixed.example",
    "a name that changes": "rebinding.example",
}
#: Where clouds tell a machine its credentials, and where Lambda's and ECS's runtimes listen.
METADATA = {
    "EC2, Azure, Google": "169.254.169.254",
    "EC2, decimal": "2852039166",
    "EC2, hex": "0xa9fea9fe",
    "EC2, octal": "0251.0376.0251.0376",
    "EC2, short": "169.254.43518",
    "EC2, mapped": "[::ffff:a9fe:a9fe]",
    "EC2, NAT64": "[64:ff9b::a9fe:a9fe]",
    "EC2, 6to4": "[2002:a9fe:a9fe::]",
    "EC2 by IPv6": "[fd00:ec2::254]",
    "ECS": "169.254.170.2",
    "EKS": "169.254.170.23",
    "EKS by IPv6": "[fd00:ec2::23]",
    "time": "169.254.169.123",
    "DNS": "[fd00:ec2::253]",
    "Lambda's sandbox": "169.254.100.1",
    "Google by IPv6": "[fd20:ce::254]",
    "Azure's agent": "168.63.129.16",
    "Alibaba": "100.100.100.200",
    "Oracle": "192.0.0.192",
    "private, 10": "10.0.0.1",
    "private, 172": "172.31.255.1",
    "private, 192": "192.168.0.1",
}
#: A host behind something that readers of URLs cut off at different places.
TRICKS = {
    "user": "example.com@127.0.0.1",
    "user with a port": "example.com:80@127.0.0.1",
    "two users": "a@example.com@127.0.0.1",
    "encoded at": "example.com%40127.0.0.1",
    "backslash": "example.com\\@127.0.0.1",
    "backslash the other way": "127.0.0.1\\@example.com",
    "fragment": "127.0.0.1#@example.com",
    "query": "127.0.0.1?@example.com",
    "tab": "127.0.\t0.1",
    "line break": "127.0.0.1\r\nX-Header: 1",
    "space": "127.0.0.1 ",
    "space before": " 127.0.0.1",
}

#: What names lead to, answer by answer; the last answer stays. 127.0.0.2 stands for a public address.
ANSWERS = {
    "loopback.example": [["127.0.0.1"]],
    "loopback6.example": [["::1"]],
    "metadata.example": [["169.254.169.254"]],
    "private.example": [["10.1.2.3"]],
    "mixed.example": [["127.0.0.2", "127.0.0.1"]],
    "rebinding.example": [["127.0.0.2"], ["127.0.0.1"]],
    "example.com": [["127.0.0.2"]],
}

TABLE = {
    f"{kind}: {what}": host
    for kind, part in {
        "IPv4": IPV4,
        "disguised": DISGUISED,
        "IPv6": IPV6,
        "name": NAMES,
        "metadata": METADATA,
        "trick": TRICKS,
    }.items()
    for what, host in part.items()
}
#: One of each kind, for the doors that take long.
PART = (
    "IPv4: plain",
    "IPv4: decimal",
    "IPv4: dot at the end",
    "disguised: full-width digits",
    "IPv6: mapped",
    "IPv6: NAT64",
    "name: localhost",
    "name: a name that changes",
    "name: a name of one that is open and one that is not",
    "metadata: EC2, Azure, Google",
    "metadata: Azure's agent",
    "trick: user",
)
