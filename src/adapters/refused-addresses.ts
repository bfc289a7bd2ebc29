import { BlockList, isIP } from 'node:net'

const REFUSED = new BlockList()
REFUSED.addSubnet('0.0.0.0', 8, 'ipv4')
REFUSED.addSubnet('127.0.0.0', 8, 'ipv4')
REFUSED.addSubnet('169.254.0.0', 16, 'ipv4')
REFUSED.addSubnet('224.0.0.0', 4, 'ipv4')
REFUSED.addAddress('::', 'ipv6')
REFUSED.addAddress('::1', 'ipv6')
REFUSED.addSubnet('fe80::', 10, 'ipv6')
REFUSED.addSubnet('ff00::', 8, 'ipv6')
// Metadata services that are not link-local: of EC2 and Google Cloud over IPv6, of Alibaba Cloud and Azure.
REFUSED.addAddress('fd00:ec2::254', 'ipv6')
REFUSED.addAddress('fd20:ce::254', 'ipv6')
REFUSED.addAddress('100.100.100.200', 'ipv4')
REFUSED.addAddress('168.63.129.16', 'ipv4')

/**
 * Whether an address is not one that a name of a pull request's may lead to: unspecified, loopback, link-local (the
 * metadata services of clouds among them), multicast; also written as IPv6 (`::ffff:127.0.0.1`). Private networks are
 * not among them: that is where previews often are. RFC 6890, 5771 and 4291.
 * @param ip an IPv4 or IPv6 address
 */
export const isRefusedAddress = (ip: string): boolean => REFUSED.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4')
